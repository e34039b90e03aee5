//! Ed25519 for Python: keys and signatures as bytes.

use pyo3::prelude::*;

use crate::refuse;

/// Returns bytes as an array, or says how many there must be.
fn exactly<const N: usize>(name: &str, bytes: &[u8]) -> PyResult<[u8; N]> {
    bytes.try_into().map_err(|_| refuse(format!("{name} has {} bytes; Ed25519 takes {N}", bytes.len())))
}

/// Returns the public key (32 bytes) of a secret seed (32 bytes).
#[pyfunction]
pub fn ed25519_public(seed: &[u8]) -> PyResult<[u8; 32]> {
    Ok(bot4_io::signing::public_key(&exactly("the seed", seed)?))
}

/// Returns the signature (64 bytes) of a message.
#[pyfunction]
pub fn ed25519_sign(seed: &[u8], message: &[u8]) -> PyResult<[u8; 64]> {
    Ok(bot4_io::signing::sign(&exactly("the seed", seed)?, message))
}

/// Tells whether the signature is that of the message by the owner of the public key.
#[pyfunction]
pub fn ed25519_verify(public: &[u8], message: &[u8], signature: &[u8]) -> PyResult<bool> {
    Ok(bot4_io::signing::verifies(&exactly("the public key", public)?, message, &exactly("the signature", signature)?))
}
