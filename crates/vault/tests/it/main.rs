//! What the vault promises whichever door is used.

mod accounts;
mod erasing;
mod keeping;
mod verifying;
