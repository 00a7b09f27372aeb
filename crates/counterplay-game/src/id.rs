//! Typed positions in the arenas of a game.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The id of the item at `index`.
            ///
            /// # Panics
            /// If `index` does not fit in 32 bits.
            #[inline]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("an arena holds fewer than 2^32 items"))
            }

            /// The position of the item in its arena.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A player.
    PlayerId
);
id!(
    /// A node of the tree; the root is node 0.
    NodeId
);
id!(
    /// An information set of one player.
    InfoSetId
);
id!(
    /// An action at an information set, counted over all information sets.
    ActionId
);
id!(
    /// A chance event with its labels and probabilities.
    ChanceId
);
id!(
    /// A branch of a chance event, counted over all chance events.
    BranchId
);
id!(
    /// An end with its payoffs.
    EndId
);
id!(
    /// An event: a name and which occurrence of it.
    EventId
);
id!(
    /// A text that names an event, an action or a label.
    TextId
);
id!(
    /// What a player knows: the sequence of events that it saw.
    KnowledgeId
);
id!(
    /// An outcome of an extensive form, as a game file states it.
    OutcomeId
);
