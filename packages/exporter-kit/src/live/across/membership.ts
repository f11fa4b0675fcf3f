/** What `join` returns where counts are reported to another process. */
export interface Membership {
  /** Reports what has not been reported yet, and nothing from then on: for an orderly end. Never rejects. */
  leave(): Promise<void>;
}
