/** The public types of stores. */

/** What a store gives for a key. */
export interface StoreEntry {
  /**
   * The bytes of the last successful `swap`, unchanged. They are the caller's own: no later write
   * changes them.
   */
  value: Uint8Array
  /** An opaque name of exactly this state of the key, never given to another state of it. */
  revision: string
}

/** What `swap` puts under a key. */
export interface StoreWrite {
  /**
   * 0 to 64 KiB of any bytes, perhaps a view into a larger buffer. Once `swap` has answered they
   * are the caller's again.
   */
  value: Uint8Array
  /**
   * From this moment on the store may forget the value (the core checks deadlines itself).
   * Milliseconds since 1970.
   */
  expiresAtMs: number
}

/**
 * A key-value store: two verbs. Both may throw (or reject) when the store cannot be reached;
 * portcullis then answers `ERR_STORE_UNAVAILABLE` and changes nothing. docs/stores.md says more,
 * and `storeConformance` of `portcullis/testing/stores` tells whether a store does all that.
 */
export interface Store {
  /**
   * A strongly consistent read: it sees every `swap` that answered `true` before it began. `null`
   * for no value.
   */
  get(key: string): StoreEntry | null | Promise<StoreEntry | null>
  /**
   * Atomically: if the key's revision is still `revision` (`null`: the key has no value), put
   * `write` there (`null`: delete) and answer `true`; otherwise change nothing and answer `false`.
   */
  swap(key: string, revision: string | null, write: StoreWrite | null): boolean | Promise<boolean>
  /**
   * What the store can do. A store that says `swap: false` is refused with `ERR_STORE_NEEDS_SWAP`.
   */
  readonly capabilities?: { readonly swap: boolean }
}
