/** A change of an app that its rules forbid. The message is for the admin; nothing of the change was kept. */
export class AppError extends Error {
  override readonly name = 'AppError'
}
