"""Every payment of the portal, whoever the provider is."""
