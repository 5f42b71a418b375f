//! Whose voices are the same: grouping without knowing how many speakers there are.
//!
//! Average linkage on the cosine, weighted by duration. Voices are vectors of length 1, so the
//! mean cosine between all of one group and all of another follows from the groups' sums, exactly:
//! nothing grows with the square of what was said, and groups that were joined early lose nothing.
//!
//! Short pieces of telephone sound are not very alike even when they are of one voice, and how
//! much so differs from line to line. So likeness between groups is measured by the likeness
//! within them, which for a small group is what neighbours in one breath have on this call.

use super::model::DIMENSIONS;

/// A voice: a vector of length 1.
pub(super) type Voice = [f32; DIMENSIONS];

/// No more speakers are told apart.
const MOST: usize = 8;
/// Groups are joined that are as alike as this, by what they are within. Of the voices measured
/// those of different people reach 0.82.
const SAME: f32 = 0.85;
/// How far within a group counts what is usual on this call, as seconds squared.
const USUAL: f32 = 30.0;
/// What is usual where too little is known, and what it may be.
const ALIKE: f32 = 0.7;
const LEAST_ALIKE: f32 = 0.55;
const MOST_ALIKE: f32 = 0.8;
/// A speaker speaks as long as this, in seconds, and this share of the call; but of a short call a
/// quarter is enough. Anything less is a voice that was badly heard.
const SPEAKS: f32 = 6.0;
const SHARE: f32 = 0.04;
/// When there are so many groups, the closest are joined until there are half as many.
const GROUPS: usize = 512;

/// Gathers voices.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    groups: Vec<Group>,
    /// How alike neighbours are.
    alike: Vec<f32>,
}

#[derive(Debug, Clone)]
struct Group {
    sum: Voice,
    /// In seconds.
    weight: f32,
    /// Of the squares of the weights of what is in it.
    squares: f32,
}

impl Clusters {
    /// Adds a voice that was heard for so many seconds.
    pub(super) fn add(&mut self, voice: &Voice, seconds: f32) {
        let sum = voice.map(|x| x * seconds);
        self.groups.push(Group { sum, weight: seconds, squares: seconds * seconds });
        if self.groups.len() == GROUPS {
            self.join(f32::NEG_INFINITY, GROUPS / 2);
        }
    }

    /// Adds how alike two voices are that must be one's.
    pub(super) fn known(&mut self, alike: f32) {
        self.alike.push(alike);
    }

    /// The speakers' voices: none where nothing was added.
    pub(super) fn finish(mut self) -> Vec<Voice> {
        self.join(SAME, 1);
        let total: f32 = self.groups.iter().map(|group| group.weight).sum();
        self.groups.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let least = SPEAKS.min(total / 4.0).max(SHARE * total);
        let speak = self.groups.iter().take_while(|group| group.weight >= least).count();
        self.groups.truncate(speak.clamp(1, MOST));
        self.groups.iter().map(|group| unit(&group.sum)).collect()
    }

    /// Joins the closest groups, down to a number or until none are as alike as `limit`.
    fn join(&mut self, limit: f32, least: usize) {
        let usual = self.usual();
        let count = self.groups.len();
        let mut within: Vec<f32> = self.groups.iter().map(|group| group.within(usual)).collect();
        let likeness = |groups: &[Group], within: &[f32], i: usize, j: usize| {
            dot(&groups[i].sum, &groups[j].sum)
                / (groups[i].weight * groups[j].weight * (within[i] * within[j]).sqrt())
        };
        // For each group how alike it is to those before it.
        let mut table: Vec<Vec<f32>> = (0..count)
            .map(|i| (0..i).map(|j| likeness(&self.groups, &within, i, j)).collect())
            .collect();
        let mut gone = vec![false; count];
        for _ in least..count {
            let closest = table
                .iter()
                .enumerate()
                .flat_map(|(i, row)| row.iter().enumerate().map(move |(j, like)| (i, j, *like)))
                .max_by(|a, b| a.2.total_cmp(&b.2));
            let Some((i, j, like)) = closest else { break };
            if like < limit {
                break;
            }
            let joined = self.groups[i].clone();
            self.groups[j].join(&joined);
            within[j] = self.groups[j].within(usual);
            gone[i] = true;
            for other in (0..count).filter(|&other| other != i) {
                table[i.max(other)][i.min(other)] = f32::NEG_INFINITY;
            }
            for other in (0..count).filter(|&other| other != j && !gone[other]) {
                table[j.max(other)][j.min(other)] = likeness(&self.groups, &within, j, other);
            }
        }
        let mut gone = gone.into_iter();
        self.groups.retain(|_| gone.next() == Some(false));
    }

    /// How alike two pieces of one voice are on this call.
    fn usual(&self) -> f32 {
        let mut alike = self.alike.clone();
        alike.sort_by(f32::total_cmp);
        match alike.get(alike.len() / 2) {
            Some(median) if alike.len() >= 5 => median.clamp(LEAST_ALIKE, MOST_ALIKE),
            _ => ALIKE,
        }
    }
}

impl Group {
    fn join(&mut self, other: &Self) {
        self.sum.iter_mut().zip(&other.sum).for_each(|(a, b)| *a += b);
        self.weight += other.weight;
        self.squares += other.squares;
    }

    /// How alike are any two pieces of it, each with itself left out.
    fn within(&self, usual: f32) -> f32 {
        let pairs = self.weight * self.weight - self.squares;
        let like = dot(&self.sum, &self.sum) - self.squares;
        ((like + USUAL * usual) / (pairs + USUAL)).max(0.1)
    }
}

pub(super) fn dot(a: &Voice, b: &Voice) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The same direction, of length 1.
pub(super) fn unit(voice: &Voice) -> Voice {
    let length = dot(voice, voice).sqrt().max(f32::MIN_POSITIVE);
    voice.map(|x| x / length)
}
