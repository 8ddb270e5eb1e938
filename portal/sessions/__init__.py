"""My sign-ins: where I am signed in, ending one or all of them, and the warning before one ends by itself."""
