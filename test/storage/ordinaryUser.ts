/** `nobody`, whom file modes bind. */
const nobody = 65_534

/**
 * Runs `work` as a user whom file modes bind: root, as whom tests may run in a container, writes where it likes. A user other
 * than root stays who they are.
 */
export function asOrdinaryUser<T>(work: () => T): T {
  const { geteuid, getegid, seteuid, setegid } = process
  if (!geteuid || !getegid || !seteuid || !setegid || geteuid() !== 0) return work()
  const group = getegid()
  setegid(nobody)
  seteuid(nobody)
  try {
    return work()
  } finally {
    seteuid(0)
    setegid(group)
  }
}
