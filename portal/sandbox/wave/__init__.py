"""The Wave half of the sandbox: contract §1 to §11, at the root of the sandbox's own port."""
