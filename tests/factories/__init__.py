"""Things that tests need, each made by the service that makes it outside.

One module for each feature. A factory commits, so it stands outside every unit, and acts as
whoever may do it; the test acts as whom it likes.
"""
