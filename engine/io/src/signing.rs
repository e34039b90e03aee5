//! Ed25519 signatures (RFC 8032): of licences and evidence, and of requests to venues.
//!
//! A secret key is its 32-byte seed; it comes from the caller, who draws it from the system's random numbers and keeps it. Not here: files
//! of keys, what is signed.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Returns the public key of a secret seed.
#[must_use]
pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Returns the signature of a message.
#[must_use]
pub fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// Tells whether a signature is that of the message by the key's owner.
///
/// Malleable signatures and keys of small order are refused (`verify_strict`), so that what is accepted is accepted everywhere.
#[must_use]
pub fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex"))
    }

    /// RFC 8032, section 7.1: tests 1 to 3.
    #[test]
    fn the_vectors_of_the_standard_hold() {
        let vectors = [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ];
        for (seed, public, message, signature) in vectors {
            let (seed, public, signature) = (bytes::<32>(seed), bytes::<32>(public), bytes::<64>(signature));
            let message: Vec<u8> =
                (0..message.len() / 2).map(|at| u8::from_str_radix(&message[2 * at..2 * at + 2], 16).expect("hex")).collect();
            assert_eq!(public_key(&seed), public);
            assert_eq!(sign(&seed, &message), signature);
            assert!(verifies(&public, &message, &signature));
        }
    }

    #[test]
    fn a_changed_bit_of_key_message_or_signature_is_refused() {
        let seed = [7; 32];
        let (public, message) = (public_key(&seed), *b"one order per intent");
        let signature = sign(&seed, &message);
        assert!(verifies(&public, &message, &signature));
        for bit in 0..8 * message.len() {
            let mut changed = message;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&public, &changed, &signature), "bit {bit} of the message");
        }
        for bit in 0..8 * 64 {
            let mut changed = signature;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&public, &message, &changed), "bit {bit} of the signature");
        }
        for bit in 0..8 * 32 {
            let mut changed = public;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&changed, &message, &signature), "bit {bit} of the key");
        }
    }

    #[test]
    fn a_key_of_small_order_signs_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(!verifies(&identity, b"anything", &[0; 64]));
    }
}
