import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Instant } from '../lib/clock.ts'
import type { SigninEvent } from '../signin/service.ts'

/** One certificate of a federation, as the metrics tell of it. */
export interface CertificateEnd {
  readonly federation: string
  readonly slot: string
  readonly notAfter: Instant
}

/** What a running server counts, in the text format of Prometheus. No label is ever what a stranger sent. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  countVerdict(event: Pick<SigninEvent, 'outcome' | 'reason' | 'federation' | 'milliseconds'>): void
  countAppRefusal(aadsts: number): void
}

/**
 * `certificates` is asked at every look, so that a certificate that was changed a moment ago is told right. Days are not counted here:
 * `(homerealm_certificate_not_after_seconds - time()) / 86400`.
 */
export function createMetrics(certificates: () => Promise<readonly CertificateEnd[]>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const signins = new Counter({
    name: 'homerealm_signins_total',
    help: 'Sign-ins by outcome, reason and federation: judged SAML responses, and passwords.',
    labelNames: ['outcome', 'reason', 'federation'],
    registers,
  })
  const judging = new Histogram({
    name: 'homerealm_signin_seconds',
    help: 'Time from a response that has arrived to its verdict.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2],
    registers,
  })
  const appRefusals = new Counter({
    name: 'homerealm_app_refusals_total',
    help: 'Requests of apps that were refused, by AADSTS number.',
    labelNames: ['aadsts'],
    registers,
  })
  new Gauge({
    name: 'homerealm_certificate_not_after_seconds',
    help: 'When a federation’s certificate runs out, in seconds since 1970.',
    labelNames: ['federation', 'slot'],
    registers,
    async collect() {
      const found = await certificates()
      this.reset()
      for (const { federation, slot, notAfter } of found) {
        this.set({ federation, slot }, Math.floor(notAfter / 1000))
      }
    },
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countVerdict({ outcome, reason, federation, milliseconds }) {
      signins.inc({ outcome, reason: reason ?? '', federation: federation ?? '' })
      judging.observe(milliseconds / 1000)
    },
    countAppRefusal: (aadsts) => appRefusals.inc({ aadsts }),
  }
}
