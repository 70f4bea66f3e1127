import { expect } from 'chai'
import { networkOf } from '../../src/http/address.ts'

describe('the network of a client', () => {
  const cases: [ip: string | undefined, network: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
    ['no address', 'no address'],
    ['x'.repeat(10_000), 'x'.repeat(64)],
  ]
  for (const [ip, network] of cases) {
    it(`of ${ip?.slice(0, 40) ?? 'none'} is ${network.slice(0, 40)}`, () => {
      expect(networkOf({ ip })).to.equal(network)
    })
  }
})
