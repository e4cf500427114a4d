"""A stand-in for the outside world on one's own machine: Wave, Twilio's messages and a mailbox.

It speaks the providers' own HTTP and SMTP, so the portal's real clients run against it unchanged. It knows
nothing of the portal: it imports only the kernel's clock and settings and the gateways' signatures. What
no provider offers, such as arming a fault, lives under `/_sandbox/`, which no client of the portal calls.
"""
