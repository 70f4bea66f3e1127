import { expect } from 'chai'
import { passwordProblem } from '../../src/signin/password/rules.ts'

const upn = 'max.power@managed.example'

describe('the rules for new passwords', () => {
  for (const [problem, ...passwords] of [
    ['tooShort', '', 'short', '1234567', '\u{1f600}'.repeat(7)],
    ['tooLong', 'ab1c2 '.repeat(43), '\u{1f600}a'.repeat(129)],
    ['notText', 'with\u0000nul inside', 'a line\nbreak', 'half \ud83d surrogate'],
    ['name', upn, 'MAX.POWER@managed.example', 'Max.Power2026!'],
    ['simple', 'aaaaaaaaaaaa', 'abababababab', '123456789', 'hgfedcba', '11112222'],
    ['common', 'Password', 'passw0rd123', 'Welcome2026!', 'qwertyuiop', 'Sunshine1'],
  ] as const) {
    it(`say ${problem} where it is so`, () => {
      for (const password of passwords) {
        expect(passwordProblem(password, upn), JSON.stringify(password)).to.equal(problem)
      }
    })
  }

  it('take any other, whatever characters it is made of', () => {
    for (const password of [
      'correct horse battery staple',
      'tr0ub4dor',
      'пароль-от-сейфа',
      '密碼密碼密碼一二三四',
      'ab1c2 '.repeat(42),
      'passwordless is better',
    ]) {
      expect(passwordProblem(password, upn), password).to.equal(null)
    }
  })
})
