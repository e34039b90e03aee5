"""One file for each schema number. A file that was released is never changed again."""
