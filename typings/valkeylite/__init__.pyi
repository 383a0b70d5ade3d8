# Nothing but where the server program is: we start it ourselves.
