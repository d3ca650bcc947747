//! The XML of the interfaces, in the words of the reference.

use std::fs;
use std::path::Path;
use zbus_xml::{ArgDirection, Node};

/// One interface.
pub(crate) struct Interface {
    /// Its full name.
    pub(crate) name: String,
    /// Its file.
    pub(crate) xml: String,
}

/// All of them.
pub(crate) fn interfaces() -> Vec<Interface> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("xml");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| Interface {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            xml: fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

impl Interface {
    /// The last element of its name.
    pub(crate) fn short_name(&self) -> &str {
        self.name.rsplit('.').next().unwrap()
    }

    /// As the headings of its page, sorted: `Name(type name, …) → type name`.
    pub(crate) fn methods_and_signals(&self) -> Vec<String> {
        let node = Node::try_from(self.xml.as_str()).unwrap();
        let [interface] = node.interfaces() else { panic!("{} has another number of interfaces", self.name) };
        let methods = interface.methods().map(|method| {
            let list = |wanted: ArgDirection| {
                let arguments = method.args().iter().filter(|argument| argument.direction() == Some(wanted));
                let arguments = arguments.map(|argument| format!("{} {}", argument.ty(), argument.name().unwrap()));
                arguments.collect::<Vec<_>>().join(", ")
            };
            let (taken, given) = (list(ArgDirection::In), list(ArgDirection::Out));
            let arrow = if given.is_empty() { String::new() } else { format!(" → {given}") };
            format!("{}({taken}){arrow}", method.name())
        });
        let signals = interface.signals().map(|signal| {
            let arguments = signal.args().iter();
            let arguments = arguments.map(|argument| format!("{} {}", argument.ty(), argument.name().unwrap()));
            format!("{}({})", signal.name(), arguments.collect::<Vec<_>>().join(", "))
        });
        let mut members: Vec<_> = methods.chain(signals).collect();
        members.sort();
        members
    }

    /// `type Name`, in the order of the file.
    pub(crate) fn properties(&self) -> Vec<String> {
        let node = Node::try_from(self.xml.as_str()).unwrap();
        let properties = node.interfaces().iter().flat_map(zbus_xml::Interface::properties);
        properties.map(|property| format!("{} {}", property.ty(), property.name())).collect()
    }

    /// Is there a method, property or signal of this name?
    pub(crate) fn has(&self, member: &str) -> bool {
        ["method", "property", "signal"].iter().any(|kind| self.xml.contains(&format!("<{kind} name=\"{member}\"")))
    }
}
