import { expect } from 'chai'
import { graphErrorOf } from '../../src/admin/graph/problems.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { StaleWrite, UniqueViolation } from '../../src/directory/errors.ts'

describe('graphErrorOf', () => {
  it('gives every broken rule a detail, in order, and sums several up', () => {
    const error = graphErrorOf(
      DirectoryError.ofAll([
        { rule: 'valueTooLong', field: 'displayName', message: 'It has 300 characters.' },
        { rule: 'immutableIdTaken', field: 'onPremisesImmutableId', message: 'Bob has it.' },
      ]),
    )
    expect(error).to.include({
      status: 400,
      code: 'Request_BadRequest',
      message: 'One or more properties contains invalid values.',
    })
    expect(error?.rules).to.deep.equal(['valueTooLong', 'immutableIdTaken'])
    expect(error?.details).to.deep.equal([
      { target: 'displayName', code: 'InvalidValue', message: 'It has 300 characters.' },
      {
        target: 'onPremisesImmutableId',
        code: 'ObjectConflict',
        message:
          'Another object with the same value for property onPremisesImmutableId already exists.',
      },
      { target: 'onPremisesImmutableId', code: 'ConflictingObjects', message: 'Bob has it.' },
    ])
  })

  it('says of one rule what Graph says, and then what the directory says', () => {
    const of = (rule: 'valueMalformed' | 'domainIsDefault' | 'memberNotFound') =>
      graphErrorOf(new DirectoryError({ rule, field: 'x', message: 'Words.' }))
    expect(of('valueMalformed')?.message).to.equal('Property x is invalid. Words.')
    expect(of('domainIsDefault')?.message).to.equal('Words.')
    expect(of('memberNotFound')).to.include({ status: 404, code: 'Request_ResourceNotFound' })
  })

  it('makes a conflict of a value that somebody else was faster to take, without telling whose', () => {
    const error = graphErrorOf(new UniqueViolation('onPremisesImmutableId', 'alice@customer.com'))
    expect(error).to.include({ status: 400, code: 'Request_BadRequest' })
    expect(error?.rules).to.deep.equal(['immutableIdTaken'])
    expect(error?.details.map(({ target, code }) => [target, code])).to.deep.equal([
      ['onPremisesImmutableId', 'ObjectConflict'],
      ['onPremisesImmutableId', 'ConflictingObjects'],
    ])
  })

  it('makes 409 of a record that was changed since it was read', () => {
    const error = graphErrorOf(new StaleWrite('id-1', 'alice@customer.com'))
    expect(error).to.include({ status: 409, code: 'Directory_ConcurrencyViolation' })
  })

  it('leaves alone what is no refusal', () => {
    expect(graphErrorOf(new Error('disk full'))).to.equal(null)
  })
})
