//! Signatures of requests as venues check them: HMAC-SHA256, RSA (PKCS#1 v1.5 with SHA-256), Ed25519; keys and signatures as text.
//!
//! Only checking: the server knows a shared secret or a public key, never a private one.

use crate::signing;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rsa::PublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePublicKey;
use rsa::signature::Verifier;
use sha2::Sha256;

/// How a key's requests are signed.
pub enum Signer {
    /// HMAC-SHA256 with a shared secret; signatures are 64 hexadecimal digits. It stands keyed, ready to be cloned.
    Hmac(Box<Hmac<Sha256>>),
    /// RSA, PKCS#1 v1.5, SHA-256; signatures are base64.
    Rsa(Box<VerifyingKey<Sha256>>),
    /// Ed25519; signatures are base64.
    Ed25519([u8; 32]),
}

/// Start of the DER form of an Ed25519 public key (RFC 8410); 32 bytes follow.
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl Signer {
    /// Returns the signer of a shared secret.
    #[must_use]
    pub fn hmac(secret: &str) -> Self {
        // HMAC takes keys of every length.
        Self::Hmac(Box::new(Hmac::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!())))
    }

    /// Returns the signer of a public key in PEM (`BEGIN PUBLIC KEY`), RSA or Ed25519; none where it is neither.
    #[must_use]
    pub fn public(pem: &str) -> Option<Self> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = STANDARD.decode(body).ok()?;
        if let Some(key) = der.strip_prefix(&ED25519_PREFIX) {
            return key.try_into().ok().map(Self::Ed25519);
        }
        PublicKey::from_public_key_der(&der).ok().map(|key| Self::Rsa(Box::new(VerifyingKey::new(key))))
    }

    /// Tells whether a signature, as text, is that of the payload.
    #[must_use]
    pub fn verifies(&self, payload: &[&[u8]], signature: &str) -> bool {
        match self {
            Self::Hmac(keyed) => {
                let Some(given) = unhex(signature) else { return false };
                let mut keyed = (**keyed).clone();
                payload.iter().for_each(|part| keyed.update(part));
                keyed.verify_slice(&given).is_ok()
            }
            Self::Rsa(key) => {
                let given = STANDARD.decode(signature).ok().and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
                given.is_some_and(|given| key.verify(&payload.concat(), &given).is_ok())
            }
            Self::Ed25519(key) => {
                let given = STANDARD.decode(signature).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
                given.is_some_and(|given| signing::verifies(key, &payload.concat(), &given))
            }
        }
    }
}

/// Returns the 32 bytes of 64 hexadecimal digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Binance Spot, "SIGNED endpoint examples for POST /api/v3/order": HMAC keys.
    #[test]
    fn the_venues_own_example_verifies() {
        let signer = Signer::hmac("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
        let query = b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
        let good = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
        assert!(signer.verifies(&[query], good));
        assert!(signer.verifies(&[&query[..20], &query[20..]], &good.to_uppercase()));
        for wrong in ["", "zz", &good[1..], &good.replace('c', "d"), &format!("{}é", &good[2..])] {
            assert!(!signer.verifies(&[query], wrong), "{wrong}");
        }
        assert!(!signer.verifies(&[&query[1..]], good));
    }

    #[test]
    fn ed25519_keys_are_read_from_pem() {
        let seed = [9; 32];
        let der = [&ED25519_PREFIX[..], &signing::public_key(&seed)].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
        let signer = Signer::public(&pem).expect("a key");
        let signature = STANDARD.encode(signing::sign(&seed, b"symbol=BTCUSDT"));
        assert!(signer.verifies(&[b"symbol=", b"BTCUSDT"], &signature));
        assert!(!signer.verifies(&[b"symbol=ETHUSDT"], &signature));
        assert!(!signer.verifies(&[b"symbol=BTCUSDT"], "!"));
        assert!(Signer::public("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").is_none());
    }
}
