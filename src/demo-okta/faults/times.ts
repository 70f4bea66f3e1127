import { hours, type Instant, isoMillis } from '../../lib/clock.ts'
import type { AssertionSpec } from '../response.ts'
import { assertions, conditions, confirmations, type Fault } from './fault.ts'
import { inAssertion, rewritten } from './text.ts'

const group = 'Time'

/** A fault that puts another text in the place of one time, genuinely signed. */
function written(
  name: string,
  title: string,
  place: 'Conditions' | 'SubjectConfirmationData',
  attribute: 'NotBefore' | 'NotOnOrAfter',
  text: (at: Instant) => string,
): Fault {
  const before = inAssertion(
    rewritten(
      new RegExp(`(<saml2:${place}\\b[^>]*? ${attribute}=")([^"]*)`),
      (_all, start = '', time = '') => start + text(Date.parse(time)),
    ),
  )
  return { name, title, group, before }
}

/** The same moment in another form. */
const [isoWithoutZone, isoDate] = [
  (at: Instant) => isoMillis(at).replace('Z', ''),
  (at: Instant) => isoMillis(at).slice(0, 10),
]

/** A fault that moves one time, genuinely signed. */
function moved(
  name: string,
  title: string,
  change: (assertion: AssertionSpec, now: Instant) => Partial<AssertionSpec>,
): Fault {
  return {
    name,
    title,
    group,
    before: (spec, { facts }) => assertions((it) => change(it, facts.now))(spec),
  }
}

const end = ['Conditions', 'NotOnOrAfter'] as const

/** Times that are wrong one by one, and times that are written as no xs:dateTime in UTC. */
export const timeFaults: readonly Fault[] = [
  moved('conditions-expired', 'Conditions over an hour ago, all else fresh', (it, now) =>
    conditions(it, { notBefore: now - hours(2), notOnOrAfter: now - hours(1) }),
  ),
  moved('conditions-not-before-ahead', 'Conditions that begin in an hour', (it, now) =>
    conditions(it, { notBefore: now + hours(1), notOnOrAfter: now + hours(2) }),
  ),
  moved(
    'confirmation-expired',
    'SubjectConfirmationData over an hour ago, all else fresh',
    (it, now) => confirmations(it, { notOnOrAfter: now - hours(1) }),
  ),
  moved('confirmation-without-end', 'SubjectConfirmationData without NotOnOrAfter', (it) =>
    confirmations(it, { notOnOrAfter: null }),
  ),
  moved('not-before-missing', 'Conditions without NotBefore', (it) =>
    conditions(it, { notBefore: null }),
  ),
  moved('not-on-or-after-missing', 'Conditions without NotOnOrAfter', (it) =>
    conditions(it, { notOnOrAfter: null }),
  ),
  moved('lifetime-25-hours', 'Valid for twenty-five hours', (it, now) =>
    conditions(it, { notBefore: now - hours(1), notOnOrAfter: now + hours(24) }),
  ),
  moved('issue-instant-ahead', 'Issued in an hour, all else fresh', (_it, now) => ({
    issueInstant: now + hours(1),
  })),
  moved('issue-instant-old', 'Issued two days ago, all else fresh', (_it, now) => ({
    issueInstant: now - hours(48),
  })),
  moved('authn-instant-ahead', 'Signed in in an hour, all else fresh', ({ authn }, now) => ({
    authn: authn && { ...authn, instant: now + hours(1) },
  })),
  moved('session-over', 'A session that ended an hour ago', ({ authn }, now) => ({
    authn: authn && { ...authn, sessionNotOnOrAfter: now - hours(1) },
  })),
  {
    name: 'issue-instant-missing',
    title: 'Assertion without IssueInstant',
    group,
    before: inAssertion(rewritten(/ IssueInstant="[^"]*"/, () => '')),
  },
  written('time-without-zone', 'A time without zone', ...end, isoWithoutZone),
  written('time-with-offset', 'A time with the offset +00:00', ...end, (at) =>
    isoMillis(at).replace('Z', '+00:00'),
  ),
  written('time-in-words', 'A time as "Jan 1 2100"', ...end, () => 'Jan 1 2100'),
  written('time-year-only', 'A time that is a year alone', ...end, () => '2100'),
  written('time-date-only', 'A time that is a date alone', ...end, isoDate),
  written('time-in-seconds', 'A time in seconds since 1970', ...end, (at) => String(at / 1000)),
  written('time-empty', 'An empty time', ...end, () => ''),
  written('time-leap-second', 'A time in a leap second', ...end, (at) =>
    isoMillis(at).replace(/:\d\d\.\d+Z/, ':60Z'),
  ),
  written(
    'time-february-30',
    'A time on a thirtieth of February',
    ...end,
    () => '2026-02-30T00:00:00Z',
  ),
  written('time-five-digit-year', 'A time in the year 12026', ...end, (at) => `1${isoMillis(at)}`),
  written('time-with-blanks', 'A time with blanks around it', ...end, (at) => ` ${isoMillis(at)} `),
  written(
    'not-before-without-zone',
    'A NotBefore without zone',
    'Conditions',
    'NotBefore',
    isoWithoutZone,
  ),
  written(
    'confirmation-time-in-words',
    'A time as "Jan 1 2100" in SubjectConfirmationData',
    'SubjectConfirmationData',
    'NotOnOrAfter',
    () => 'Jan 1 2100',
  ),
]
