/** The public types of stores. */

/** A stored value and its revision, as `get` returns them. */
export interface StoreEntry {
  /**
   * The bytes of the last successful `swap`, unchanged. The caller owns them: no later write
   * changes them.
   */
  value: Uint8Array
  /** An opaque ID of this state of the key, which is never given to another state of the key. */
  revision: string
}

/** A value to store and its expiry, as `swap` takes them. */
export interface StoreWrite {
  /**
   * The bytes to store, 0 to 64 KiB. They may be a view into a larger buffer, which the caller may
   * change once `swap` has returned a result.
   */
  value: Uint8Array
  /**
   * The time from which the store may delete the value, in milliseconds since 1970. The core checks
   * the expiry of sessions itself.
   */
  expiresAtMs: number
}

/**
 * A key-value store with compare-and-swap. Both methods may throw or reject if the store cannot be
 * reached: portcullis then throws `ERR_STORE_UNAVAILABLE` and changes nothing. See docs/stores.md
 * for the contract; `storeConformance` of `portcullis/testing/stores` tests it.
 */
export interface Store {
  /**
   * Reads a key, `null` for no value. The read is strongly consistent: it sees every `swap` that
   * returned `true` before the read began.
   */
  get(key: string): StoreEntry | null | Promise<StoreEntry | null>
  /**
   * Replaces the value of a key atomically if its revision is still `revision` (`null`: the key has
   * no value), and returns `true`. A `write` of `null` deletes the value. Otherwise `swap` changes
   * nothing and returns `false`.
   */
  swap(key: string, revision: string | null, write: StoreWrite | null): boolean | Promise<boolean>
  /**
   * The capabilities of the store. A store with `swap: false` is rejected with
   * `ERR_STORE_NEEDS_SWAP`.
   */
  readonly capabilities?: { readonly swap: boolean }
}
