"""The one exception that people are meant to see."""


class ShrumpError(Exception):
    """Something that the user can mend.

    Its text is one line that names the file, row or key, and says what to do. The command line prints
    that line and leaves with status 2; any other exception is a defect of ours.
    """
