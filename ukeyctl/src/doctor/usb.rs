//! Keys on USB, and whether the service may open them.

use super::observe::line_of;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Keys that show as devices of their own kind: vendor and products, as in `packaging/udev/70-ukeyd.rules`. Others are seen
/// by their smart-card interface.
const KEYS: &[(&str, &[&str])] = &[
    // Feitian
    ("096e", &["0005", "0305", "0309", "0401", "0702", "0703", "0802", "0807", "080a", "080f"]),
    // WatchData
    ("163c", &["0406", "0407", "0417", "0418"]),
    // Longmai
    ("055c", &["db08", "e618", "f603"]),
];
/// Makers of nothing but Keys and readers.
const VENDORS: &[&str] = &["096e", "163c"];
/// bInterfaceClass of smart-card readers (USB CCID).
const SMART_CARD: &str = "0b";
/// The group of the service.
const GROUP: &str = "ukeyd";

/// What is plugged in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Usb {
    /// `vendor:product` of each device that looks like a Key.
    pub(super) keys: Vec<String>,
    /// Those of them that the service's group can't open, and pcscd doesn't open for it.
    pub(super) closed: Vec<String>,
}

/// Looks at the devices that the kernel lists in `devices`; their nodes are below `nodes`.
pub(super) fn usb(devices: &Path, nodes: &Path) -> Usb {
    let gid = group_id(&fs::read_to_string("/etc/group").unwrap_or_default());
    let mut usb = Usb::default();
    for device in fs::read_dir(devices).into_iter().flatten().flatten() {
        let path = device.path();
        let fact = |name: &str| line_of(&path.join(name));
        let (vendor, product) = (fact("idVendor"), fact("idProduct"));
        let is_key = KEYS.iter().any(|(key, products)| *key == vendor && products.contains(&product.as_str()));
        let interfaces = fs::read_dir(&path).into_iter().flatten().flatten();
        let is_card =
            interfaces.map(|part| part.path().join("bInterfaceClass")).any(|file| line_of(&file) == SMART_CARD);
        if vendor.is_empty() || !(is_card || is_key || VENDORS.contains(&vendor.as_str())) {
            continue;
        }
        let name = format!("{vendor}:{product}");
        let node = nodes.join(format!("{:0>3}", fact("busnum"))).join(format!("{:0>3}", fact("devnum")));
        if !is_card && fs::metadata(node).is_ok_and(|node| !is_open_to(gid, node.gid(), node.mode())) {
            usb.closed.push(name.clone());
        }
        usb.keys.push(name);
    }
    usb.keys.sort();
    usb.closed.sort();
    usb
}

/// May the service's group read and write a node of this group and mode?
fn is_open_to(service: Option<u32>, group: u32, mode: u32) -> bool {
    mode & 0o006 == 0o006 || (service == Some(group) && mode & 0o060 == 0o060)
}

fn group_id(groups: &str) -> Option<u32> {
    let line = groups.lines().find(|line| line.split(':').next() == Some(GROUP))?;
    line.split(':').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_product_by_vendor_or_by_their_interface() {
        let folder = tempfile::tempdir().unwrap();
        let all = [
            ("1-1", "096e", "0001", "03"),
            ("1-2", "1234", "0001", "0b"),
            ("1-3", "1234", "0001", "08"),
            ("1-4", "055c", "e618", "03"),
            // Longmai's numbers are another maker's too.
            ("1-5", "055c", "0001", "01"),
        ];
        for (number, (name, vendor, product, class)) in (1..).zip(all) {
            let device = folder.path().join("devices").join(name);
            let interface = device.join("1:1.0");
            fs::create_dir_all(&interface).unwrap();
            for (file, text) in
                [("idVendor", vendor), ("idProduct", product), ("busnum", "1"), ("devnum", &number.to_string())]
            {
                fs::write(device.join(file), format!("{text}\n")).unwrap();
            }
            fs::write(interface.join("bInterfaceClass"), class).unwrap();
        }
        let nodes = folder.path().join("nodes");
        fs::create_dir_all(nodes.join("001")).unwrap();
        for number in 1..=4 {
            let node = nodes.join(format!("001/{number:03}"));
            fs::write(&node, "").unwrap();
            let mode = if number == 1 { 0o666 } else { 0o664 };
            fs::set_permissions(&node, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        }
        let usb = usb(&folder.path().join("devices"), &nodes);
        assert_eq!(usb.keys, ["055c:e618", "096e:0001", "1234:0001"]);
        // The reader is pcscd's to open.
        assert_eq!(usb.closed, ["055c:e618"]);
    }

    #[test]
    fn a_node_is_open_to_all_or_to_the_group() {
        for (service, group, mode, expected) in [
            (Some(7), 0, 0o666, true),
            (Some(7), 7, 0o660, true),
            (Some(7), 0, 0o660, false),
            (Some(7), 7, 0o640, false),
            (None, 0, 0o664, false),
        ] {
            assert_eq!(is_open_to(service, group, mode), expected, "{group} {mode:o}");
        }
        assert_eq!(group_id("root:x:0:\nukeyd:x:995:wang\n"), Some(995));
    }

    #[test]
    fn the_udev_rule_opens_the_same_keys() {
        let rules = include_str!("../../../packaging/udev/70-ukeyd.rules");
        for attribute in ["ATTR", "ATTRS"] {
            for (vendor, products) in KEYS {
                let line = format!(
                    "{attribute}{{idVendor}}==\"{vendor}\", {attribute}{{idProduct}}==\"{}\", GROUP=\"{GROUP}\", MODE=\"0660\"",
                    products.join("|")
                );
                assert!(rules.lines().any(|other| other == line), "{line}");
            }
            let count = rules.lines().filter(|line| line.starts_with(&format!("{attribute}{{idVendor}}"))).count();
            assert_eq!(count, KEYS.len());
        }
    }
}
