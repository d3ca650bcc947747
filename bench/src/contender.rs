//! The ways to a signature.

use clap::ValueEnum;

/// A way from a digest to a signature of the same Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum Contender {
    /// The module in the caller's own process, its session open.
    Direct,
    /// Caller, two processes that pass on, and one with the module, over sockets: the floor of ukeyd's hops.
    Relay,
    /// The same with D-Bus, by the library that ukeyd is made with: a service that does nothing but pass on.
    Prototype,
    /// The same over connections of the callers' own.
    PrototypeLine,
    /// The prototype that also verifies and records: the least that may be called safe, and so the floor of ukeyd.
    Floor,
    /// The same over connections of the callers' own.
    FloorLine,
    /// ukeyd, through the system bus.
    Bus,
    /// ukeyd, over `OpenConnection`.
    Line,
    /// p11-kit's server and client module.
    P11Kit,
    /// ssh-agent with the module in its helper.
    SshAgent,
}

impl Contender {
    /// Those that are asked by D-Bus.
    pub(crate) const SERVICES: [Self; 6] =
        [Self::Bus, Self::Line, Self::Prototype, Self::PrototypeLine, Self::Floor, Self::FloorLine];

    /// As tables and plots call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct `C_Sign`",
            Self::Relay => "relay of as many hops",
            Self::Prototype => "prototype that only passes on, bus",
            Self::PrototypeLine => "prototype that only passes on, peer to peer",
            Self::Floor => "prototype that verifies and records, bus",
            Self::FloorLine => "prototype that verifies and records, peer to peer",
            Self::Bus => "ukeyd, bus",
            Self::Line => "ukeyd, peer to peer",
            Self::P11Kit => "p11-kit remoting, with a length call",
            Self::SshAgent => "ssh-agent",
        }
    }

    /// As the command line calls it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().unwrap().get_name().to_owned()
    }

    /// Whether it is a service that the measurement itself starts, over connections of the callers' own or not.
    pub(crate) fn is_prototype(self) -> bool {
        matches!(self, Self::Prototype | Self::PrototypeLine) || self.is_floor()
    }

    /// Whether it is one of these that verifies and records.
    pub(crate) fn is_floor(self) -> bool {
        matches!(self, Self::Floor | Self::FloorLine)
    }
}

/// The key that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Rsa,
    Ec,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Rsa, Self::Ec];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Rsa => "RSA-2048",
            Self::Ec => "P-256",
        }
    }

    pub(crate) fn name(self) -> String {
        self.to_possible_value().unwrap().get_name().to_owned()
    }

    /// Of a signature as the module gives it, in bytes.
    pub(crate) fn signature_length(self) -> usize {
        match self {
            Self::Rsa => 256,
            Self::Ec => 64,
        }
    }

    pub(crate) fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa => "RSA-PKCS1-SHA256",
            Self::Ec => "ECDSA-SHA256",
        }
    }
}
