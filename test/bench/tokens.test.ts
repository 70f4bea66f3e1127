import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { startBare } from '../../scripts/bench/tokens/bare.ts'
import { Client, keptAlive } from '../../scripts/bench/tokens/client.ts'
import { contenderIds, type Running } from '../../scripts/bench/tokens/contender.ts'
import { exchange } from '../../scripts/bench/tokens/flows.ts'
import { startOurs } from '../../scripts/bench/tokens/ours.ts'

describe('bench tokens: who is timed', () => {
  for (const id of contenderIds) {
    describe(id, () => {
      let running: Running
      const agent = keptAlive(2)
      before(async () => {
        running = id === 'bare' ? await startBare() : await startOurs(id)
      })
      after(async () => {
        agent.destroy()
        await running?.close()
      })

      it('signs a new browser in, and makes the same kinds of tokens as the others', async () => {
        const tokens = await exchange(running, new Client(agent))
        expect(decodeProtectedHeader(tokens.id_token).alg).to.equal('RS256')
        expect(decodeProtectedHeader(tokens.access_token)).to.include({
          alg: 'RS256',
          typ: 'at+jwt',
        })
        expect(decodeJwt(tokens.id_token)).to.include({ aud: running.clientId, name: 'Alice' })
        expect(tokens.refresh_token).to.match(/^[\w-]{43,}$/)
      })

      it('a browser with a session gets a new code at once, from the authorization endpoint itself', async () => {
        const client = new Client(agent)
        const first = decodeJwt((await exchange(running, client)).id_token)
        let asked = 0
        const get = client.get.bind(client)
        client.get = (url) => {
          asked += 1
          return get(url)
        }
        const second = decodeJwt((await exchange(running, client)).id_token)
        expect([asked, second.sub]).to.deep.equal([1, first.sub])
      })
    })
  }
})
