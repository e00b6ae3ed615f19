/** Characters of the longest id, key or name of a node: it is remembered, shown in logs, and sent to its node. */
export const MAX_NAME_LENGTH = 1_000

/** Services of one node. */
export const MAX_SERVICES = 20_000

/** Methods of one service, on one node. */
export const MAX_METHODS = 1_000

/** Events of one service, on one node. */
export const MAX_EVENTS = 1_000

/** Items of a list of methods or events that several services of a node may share; a longer one counts once. */
export const MAX_SHARED_ITEMS = 50

/** Characters of a path. */
export const MAX_PATH_LENGTH = 1_000

/** Characters of the name of a method or an event. */
export const MAX_MEMBER_LENGTH = 200

/** Bytes of the longest name of a group, in UTF-8: peers keep it. */
export const MAX_GROUP_BYTES = 256

/** Groups that a node is in of one event. A publisher chooses a member for each of them, with every such event. */
export const MAX_GROUPS_OF_EVENT = 100

/** Groups that a node is in, of the events of one publisher. */
export const MAX_GROUPS = 1_000

/** Characters that the options of one service (`remoteOptions`) take as JSON. */
export const MAX_OPTIONS_LENGTH = 65_536

/** Levels of lists and objects in the options of a service. */
export const MAX_OPTIONS_DEPTH = 50

/** Bytes of memory, estimated, that the contracts of one node take. */
export const MAX_CONTRACTS_BYTES = 128 * 1_048_576

/** Bytes of memory, estimated, that the contracts of all other nodes take together. */
export const MAX_ALL_CONTRACTS_BYTES = 256 * 1_048_576
