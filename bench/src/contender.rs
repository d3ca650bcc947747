//! The ways to a signature.

use clap::ValueEnum;

/// A way from a digest to a signature of the same Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum Contender {
    /// The module in the caller's own process, its session open.
    Direct,
    /// Caller, two processes that pass on, and one with the module, over sockets: the floor of ukeyd's hops.
    Relay,
    /// The same with D-Bus, by the library that ukeyd is made with.
    Prototype,
    /// The same over connections of the callers' own.
    PrototypeLine,
    /// The prototype that also verifies and records.
    Floor,
    /// The same over connections of the callers' own.
    FloorLine,
    /// The prototype that does for each signature all that the contract asks for.
    Contract,
    /// The same over connections of the callers' own.
    ContractLine,
    /// The same without verification and transaction.
    Bare,
    /// The same over connections of the callers' own.
    BareLine,
    /// ukeyd, through the system bus.
    Bus,
    /// ukeyd, over `OpenConnection`.
    Line,
    /// p11-kit's server and client module.
    P11Kit,
    /// ssh-agent with the module in its helper.
    SshAgent,
}

/// How much a prototype does beside passing digests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Nothing.
    PassesOn,
    /// It verifies and records, in the shortest way there is.
    Safe,
    /// What ukeyd's contract asks for, in the shortest way there is: it looks whether its caller is still where it was, keeps a
    /// deadline, reads on in the module's process while that signs, records both what was asked for and what came of it in rows as
    /// long as ukeyd's, with a chain of hashes and an index, and tells each row to its standard error.
    Contract,
    /// The same, but signatures are not verified, and rows are handed to the writer, which throws them away.
    Bare,
}

impl Level {
    /// Does it do more than verify and record?
    pub(crate) fn is_careful(self) -> bool {
        matches!(self, Self::Contract | Self::Bare)
    }

    pub(crate) fn name(self) -> String {
        self.to_possible_value().unwrap().get_name().to_owned()
    }
}

impl Contender {
    /// Those that are asked by D-Bus.
    pub(crate) const SERVICES: [Self; 8] = [
        Self::Bus,
        Self::Line,
        Self::Prototype,
        Self::PrototypeLine,
        Self::Floor,
        Self::FloorLine,
        Self::Contract,
        Self::ContractLine,
    ];

    /// As tables and plots call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct `C_Sign`",
            Self::Relay => "relay of as many hops",
            Self::Prototype => "prototype that only passes on, bus",
            Self::PrototypeLine => "prototype that only passes on, peer to peer",
            Self::Floor => "prototype that verifies and records, bus",
            Self::FloorLine => "prototype that verifies and records, peer to peer",
            Self::Contract => "prototype that keeps the contract, bus",
            Self::ContractLine => "prototype that keeps the contract, peer to peer",
            Self::Bare => "prototype that keeps the contract less verification and commit, bus",
            Self::BareLine => "prototype that keeps the contract less verification and commit, peer to peer",
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

    /// Of a prototype, which the measurement itself starts: how much it does.
    pub(crate) fn level(self) -> Option<Level> {
        match self {
            Self::Prototype | Self::PrototypeLine => Some(Level::PassesOn),
            Self::Floor | Self::FloorLine => Some(Level::Safe),
            Self::Contract | Self::ContractLine => Some(Level::Contract),
            Self::Bare | Self::BareLine => Some(Level::Bare),
            Self::Direct | Self::Relay | Self::Bus | Self::Line | Self::P11Kit | Self::SshAgent => None,
        }
    }

    /// Has each of its callers a connection of its own, past the bus?
    pub(crate) fn is_line(self) -> bool {
        matches!(self, Self::Line | Self::PrototypeLine | Self::FloorLine | Self::ContractLine | Self::BareLine)
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
