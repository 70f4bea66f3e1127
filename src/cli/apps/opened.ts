import { findApp } from '../../oidc/apps.ts'
import { withDirectoryApi } from '../../oidc/directoryApi.ts'
import type { App } from '../../oidc/types.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Surroundings } from '../surroundings.ts'

/** Opens the storage for a command about apps, with the directory API in it, and closes it after the work. */
export function storageForApps(surroundings: Surroundings) {
  async function withStorage(readonly: boolean, work: (storage: Storage) => Promise<void>) {
    const storage = await surroundings.openStorage({ readonly })
    try {
      const apps = withDirectoryApi(storage.apps, surroundings.config().publicUrl)
      await work({ ...storage, apps })
    } finally {
      await storage.close()
    }
  }

  /** For changes of one app, by name or client id. */
  function withApp(nameOrId: string, work: (storage: Storage, app: App) => Promise<void>) {
    return withStorage(false, async (storage) =>
      work(storage, await findApp(storage.apps, nameOrId)),
    )
  }

  return { withStorage, withApp }
}
