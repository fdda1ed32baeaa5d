"""Results in, Plotly figures out: one function a picture."""
