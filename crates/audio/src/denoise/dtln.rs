//! DTLN, in two ONNX models.

mod fit;

pub use fit::fit_dtln;
