import type { ImportStage } from '../../directory/imports.ts'
import type { Domain } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { CsvError } from './csvError.ts'
import { csvText, openPendingFile, type PendingFile } from './files.ts'
import { oktaImportHeadings, oktaImportRows } from './oktaFile.ts'
import type { CellProblem } from './values.ts'

/** The files that an import writes beside the directory; they appear with it or not at all. */
export interface ImportFiles {
  readonly takesRejects: boolean
  /** Writes them from what the stage holds, down to the disk. */
  fill(stage: ImportStage, domains: ReadonlyMap<string, Domain>): Promise<void>
  /** Gives them their names. The users are kept by now, so that a failure says so. */
  keep(): Promise<void>
  /** Leaves nothing of them; does nothing after `keep`. */
  discard(): Promise<void>
}

/** Opens what is asked for, so that what cannot be written is known before the directory is held. Throws CsvError. */
export async function openImportFiles(
  options: {
    readonly rejectFile?: string
    readonly oktaOut?: string
    readonly random: RandomSource
  },
  headings: readonly string[],
): Promise<ImportFiles> {
  const { rejectFile, oktaOut, random } = options
  const open: PendingFile[] = []
  const discard = async () => {
    for (const file of open) await file.discard()
  }
  const opened = async (path: string | undefined, heading: readonly string[]) => {
    if (path === undefined) return null
    const file = await openPendingFile(path, random)
    open.push(file)
    await file.write(csvText([heading]))
    return file
  }
  try {
    const rejects = await opened(rejectFile, ['line', 'column', 'reason', ...headings])
    const okta = await opened(oktaOut, oktaImportHeadings)
    return {
      takesRejects: rejects !== null,
      async fill(stage, domains) {
        if (rejects !== null) await writeRejects(stage, rejects)
        if (okta !== null) await writeOkta(stage, okta, domains)
        for (const file of open) await file.finish()
      },
      keep: () => keepAll(open),
      discard,
    }
  } catch (error) {
    await discard()
    throw error
  }
}

async function writeRejects(stage: ImportStage, file: PendingFile): Promise<void> {
  for await (const page of stage.outcomes('rejected')) {
    await file.write(
      csvText(
        page.map(({ line, cells, ...outcome }) => {
          const problems = outcome.problems as readonly CellProblem[]
          const reasons = problems.map(({ reason }) => reason).join(' ')
          return [String(line), problems[0]?.column ?? '', reasons, ...(cells ?? [])]
        }),
      ),
    )
  }
}

async function writeOkta(
  stage: ImportStage,
  file: PendingFile,
  domains: ReadonlyMap<string, Domain>,
): Promise<void> {
  for await (const page of stage.outcomes('accepted')) {
    const federated = page.filter(({ user }) => {
      const domain = domains.get(principalNameDomain(user.userPrincipalName) ?? '')
      return domain?.authenticationType === 'Federated'
    })
    await file.write(csvText(federated.flatMap(({ user }) => oktaImportRows(user))))
  }
}

async function keepAll(files: readonly PendingFile[]): Promise<void> {
  try {
    for (const file of files) await file.keep()
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const message = `the users were imported, but this file was not written (${error.message})`
    throw new CsvError(error.file, null, message, error)
  }
}
