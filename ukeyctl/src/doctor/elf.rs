//! The head of an ELF file: is it a library of this processor?

/// As many bytes as are needed of a file.
pub(super) const HEAD: usize = 20;

/// Is this the head of an ELF file?
pub(super) fn is_elf(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF")
}

/// Is it for the processor that `own`, the head of a running program, is for: class, byte order and machine?
pub(super) fn is_for_the_same(head: &[u8; HEAD], own: &[u8; HEAD]) -> bool {
    // EI_CLASS, EI_DATA; e_machine.
    head[4..6] == own[4..6] && head[18..20] == own[18..20]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(class: u8, machine: u8) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..4].copy_from_slice(b"\x7fELF");
        (head[4], head[5], head[18]) = (class, 1, machine);
        head
    }

    #[test]
    fn width_and_machine_count() {
        let (x86, x86_64, aarch64) = (head(1, 3), head(2, 62), head(2, 183));
        assert!(is_elf(&x86) && !is_elf(b"#!/bin/sh"));
        assert!(is_for_the_same(&x86_64, &head(2, 62)));
        for other in [x86, aarch64] {
            assert!(!is_for_the_same(&other, &x86_64));
        }
    }
}
