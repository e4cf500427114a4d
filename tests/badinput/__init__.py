"""Every door of the portal, tried with what nobody means to send: refused in plain words, and nothing changes."""
