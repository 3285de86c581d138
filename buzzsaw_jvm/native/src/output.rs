//! A feature block into Java's output buffers.
//!
//! The output's words are triples of address, capacity in bytes, and length in bytes, which is written here: one
//! for the dense matrix (f32, row-major), then three for each sparse part (row starts i64, indices u32, values f32).

use buzzsaw_core::{Error, ErrorKind, FeatureBlock, Result};

use crate::memory::{Plain, slice_mut};

/// The words of one buffer.
const TRIPLE: usize = 3;

/// Writes `block` where `words` say; `false` when a buffer is too short, with all lengths written to `words`.
pub(crate) fn write(block: &FeatureBlock, words: &mut [i64]) -> Result<bool> {
    if words.len() != TRIPLE * (1 + 3 * block.sparse().len()) {
        let message = "the descriptor's output does not suit the features";
        return Err(Error::new(ErrorKind::InvalidValue, message).at("batch"));
    }
    let (dense, parts) = words.split_at_mut(TRIPLE);
    let mut fitted = put(block.dense(), dense)?;
    for (part, words) in block.sparse().iter().zip(parts.chunks_exact_mut(3 * TRIPLE)) {
        let (starts, entries) = words.split_at_mut(TRIPLE);
        let (indices, values) = entries.split_at_mut(TRIPLE);
        fitted &= put(&part.indptr, starts)?;
        fitted &= put(&part.indices, indices)?;
        fitted &= put(&part.values, values)?;
    }
    Ok(fitted)
}

fn put<T: Plain>(values: &[T], triple: &mut [i64]) -> Result<bool> {
    let [address, capacity, length] = triple else {
        return Ok(false);
    };
    *length = size_of_val(values) as i64;
    if *length > *capacity {
        return Ok(false);
    }
    slice_mut(*address, *length)?.copy_from_slice(values);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use buzzsaw_core::batch::BatchBuilder;
    use buzzsaw_core::{Pipeline, Scratch, Spec};

    use super::*;

    #[test]
    fn a_short_buffer_is_left_alone_and_its_length_told() {
        let text = "buzzsaw: 1\nname: t\ninputs: {x: {type: float64, side: document}}\nfeatures: [x]";
        let pipeline = Pipeline::from_spec(Spec::parse(text).unwrap()).unwrap();
        let mut batch = BatchBuilder::new(&pipeline);
        for value in [1.0, 2.0] {
            batch.set(0, value).unwrap();
            batch.end_row().unwrap();
        }
        let mut block = FeatureBlock::default();
        pipeline
            .transform(&batch.frame().unwrap(), &mut block, &mut Scratch::default())
            .unwrap();
        let mut room = [7.0_f32; 2];
        let mut words = [room.as_mut_ptr() as i64, 4, 0];
        assert!(!write(&block, &mut words).unwrap());
        assert_eq!((words[2], room), (8, [7.0; 2]));
        words[1] = 8;
        assert!(write(&block, &mut words).unwrap());
        assert_eq!(room, [1.0, 2.0]);
        assert!(write(&block, &mut [0; 6]).is_err());
    }
}
