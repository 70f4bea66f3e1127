import { availableParallelism, cpus } from 'node:os'

/** What a benchmark found: as Markdown for people, and the same figures for programs. */
export interface Report {
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** Figures mean nothing without what they were measured on. */
export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly platform: string
  readonly node: string
  readonly openssl: string
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    openssl: process.versions.openssl,
  }
}

/** `report` as it is printed: the machine first. */
export function printed(name: string, report: Report, on: Machine, asJson: boolean): string {
  if (asJson) return JSON.stringify({ bench: name, machine: on, ...report.json })
  const where = `${on.cores} cores (${on.processor}), ${on.platform}, Node ${on.node}, OpenSSL ${on.openssl}`
  return `## ${name}\n\nOn ${where}.\n\n${report.text}`
}
