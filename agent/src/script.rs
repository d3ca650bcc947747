//! What an interpreter runs, as its command line claims. Only a name is taken from it: the rest may hold secrets.

/// Interpreters whose own name tells a person nothing.
const INTERPRETERS: &[&str] = &["python", "java", "bash", "dash", "sh", "perl", "ruby", "node", "php", "gjs", "mono"];

/// The script that the interpreter called `name` runs; `None` when it is no interpreter, or runs something else than a
/// file or module. `command_line` is read only for an interpreter: its arguments, each ended by a NUL, possibly cut.
pub(crate) fn of_interpreter(name: &str, command_line: impl FnOnce() -> Vec<u8>) -> Option<String> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    if !INTERPRETERS.contains(&plain) {
        return None;
    }
    let bytes = command_line();
    let arguments: Vec<String> =
        bytes.split(|byte| *byte == 0).skip(1).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let script = if plain == "java" { of_java(&arguments) } else { of_script(&arguments) }?;
    let file = script.rsplit('/').next().unwrap_or_default();
    (!file.is_empty()).then(|| file.to_owned())
}

/// `-m module`, or the first argument that is no option. Code on the command line (`-c`, `-e`) has no name.
fn of_script(arguments: &[String]) -> Option<&str> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-m" => return rest.next().map(String::as_str),
            "-c" | "-e" | "--eval" => return None,
            // Python's options with a value of their own.
            "-W" | "-X" => drop(rest.next()),
            option if option.starts_with('-') => {}
            script => return Some(script),
        }
    }
    None
}

/// `-jar file`, or the main class.
fn of_java(arguments: &[String]) -> Option<&str> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-jar" | "-m" | "--module" => return rest.next().map(String::as_str),
            "-cp" | "-classpath" | "--class-path" | "-p" | "--module-path" => drop(rest.next()),
            option if option.starts_with('-') => {}
            class => return Some(class),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(name: &str, line: &str) -> Option<String> {
        of_interpreter(name, || line.as_bytes().to_vec())
    }

    #[test]
    fn the_script_is_found_behind_the_options() {
        for (name, line, script) in [
            ("python3.11", "python3\0-X\0utf8\0-u\0/opt/order/order.py\0--token\0secret\0", Some("order.py")),
            ("python3", "python3\0-m\0orders.client\0", Some("orders.client")),
            ("python3", "python3\0-c\0print('x')\0", None),
            ("bash", "/bin/bash\0./sign.sh\0", Some("sign.sh")),
            ("bash", "bash\0", None),
            ("java", "java\0-Xmx1g\0-cp\0/lib/a.jar\0com.example.Orders\0", Some("com.example.Orders")),
            ("java", "java\0-jar\0/opt/o/orders.jar\0", Some("orders.jar")),
            ("node", "node\0/srv/app/\0", None),
            ("procurement", "procurement\0secret\0", None),
        ] {
            assert_eq!(of(name, line).as_deref(), script, "{line:?}");
        }
    }

    #[test]
    fn the_command_line_of_other_programs_is_not_read() {
        assert_eq!(of_interpreter("busctl", || unreachable!()), None);
    }

    proptest! {
        #[test]
        fn any_command_line_gives_a_name_without_folders(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(script) = of_interpreter("python3", || line) {
                prop_assert!(!script.contains('/') && !script.is_empty());
            }
        }
    }
}
