//! Zips, read back.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is in a zip, read as its directory has it.
pub struct Zip {
    /// By their names.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Zip {
    /// Checks it on the way: names, lengths and checksums.
    pub fn read(bytes: &[u8]) -> Self {
        let number = |at: usize, length: usize| {
            bytes[at..at + length].iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte))
        };
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        let mut at = number(end + 16, 4);
        assert_eq!(at + number(end + 12, 4), end, "the directory ends where the end begins");
        let mut files = BTreeMap::new();
        for _ in 0..number(end + 10, 2) {
            assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
            let (crc32, size, name) = (number(at + 16, 4), number(at + 24, 4), number(at + 28, 2));
            let (extra, header) = (number(at + 30, 2), number(at + 42, 4));
            let name = &bytes[at + 46..at + 46 + name];
            assert_eq!(&bytes[header..header + 4], b"PK\x03\x04");
            assert_eq!(&bytes[header + 30..header + 30 + name.len()], name);
            assert_eq!((number(header + 14, 4), number(header + 22, 4)), (crc32, size));
            let data = header + 30 + name.len() + number(header + 28, 2);
            let data = &bytes[data..data + size];
            assert_eq!(number_of(crc32), crc32_of(data));
            let name = String::from_utf8(name.to_vec()).unwrap();
            at += 46 + name.len() + extra;
            assert!(files.insert(name, data.to_vec()).is_none(), "each name once");
        }
        assert_eq!(at, end);
        Self { files }
    }

    /// Its `manifest.json`.
    pub fn manifest(&self) -> Value {
        serde_json::from_slice(&self.files["manifest.json"]).unwrap()
    }

    /// The numbers of the recordings whose audio is in it.
    pub fn numbers(&self) -> Vec<i64> {
        let names = self.files.keys().filter_map(|name| name.strip_prefix("recordings/"));
        let number = |name: &str| name.split(['/', '.']).nth(1).unwrap().parse().unwrap();
        names.map(number).collect()
    }
}

fn number_of(crc32: usize) -> u32 {
    u32::try_from(crc32).unwrap()
}

/// Bit by bit, as ISO 3309 has it.
fn crc32_of(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}
