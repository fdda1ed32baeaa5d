"""What training decides: datasets, training, studies, and the results that the pages show."""
