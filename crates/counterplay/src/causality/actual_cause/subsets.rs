//! All subsets, the smaller first, and all choices of one from each of several lists.

/// The subsets of `0..count` with at most `most` members, by size and then in lexicographic order.
pub(super) fn subsets(count: usize, most: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..=most.min(count)).flat_map(move |size| {
        let first: Vec<usize> = (0..size).collect();
        std::iter::successors(Some(first), move |set| next(set, count))
    })
}

/// The next subset of the same size.
fn next(set: &[usize], count: usize) -> Option<Vec<usize>> {
    let size = set.len();
    let place = (0..size).rev().find(|&k| set[k] < count - size + k)?;
    let mut set = set.to_vec();
    let start = set[place] + 1;
    for (offset, member) in set[place..].iter_mut().enumerate() {
        *member = start + offset;
    }
    Some(set)
}

/// Every way to choose one item from each list, in order; one empty choice if there is no list.
pub(super) fn choices<T: Clone>(lists: &[Vec<T>]) -> impl Iterator<Item = Vec<T>> {
    let count: usize = lists.iter().map(Vec::len).product();
    (0..count).map(|number| {
        let mut rest = number;
        let pick = |list: &Vec<T>| {
            let item = list[rest % list.len()].clone();
            rest /= list.len();
            item
        };
        lists.iter().map(pick).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_come_once_each_and_by_size() {
        let all: Vec<Vec<usize>> = subsets(5, 5).collect();
        assert_eq!(all.len(), 32);
        assert!(all.windows(2).all(|w| (w[0].len(), &w[0]) < (w[1].len(), &w[1])));
        assert_eq!(subsets(5, 2).count(), 1 + 5 + 10);
        assert_eq!(subsets(0, 3).count(), 1);
    }

    #[test]
    fn choices_are_all_combinations() {
        let all: Vec<Vec<u8>> = choices(&[vec![1, 2], vec![3], vec![4, 5, 6]]).collect();
        assert_eq!(all.len(), 6);
        assert_eq!(all[0], [1, 3, 4]);
        assert!(all.iter().enumerate().all(|(i, a)| !all[..i].contains(a)));
        assert_eq!(choices::<u8>(&[]).collect::<Vec<_>>(), [Vec::<u8>::new()]);
    }
}
