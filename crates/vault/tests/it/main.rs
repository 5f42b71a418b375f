//! What the vault promises whichever door is used.

#![expect(clippy::unwrap_used, reason = "in a test")]

mod accounts;
mod converting;
mod denoising;
mod erasing;
mod keeping;
mod verifying;
