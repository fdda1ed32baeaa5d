"""Lessons to pages: run a percent-format script, get Markdown, figures and a notebook."""
