/** Wrong usage or input that cannot be read: the message is for the one at the terminal, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
