import { expect } from 'chai'
import { assets } from '../../src/web/assets.ts'
import { tags, texts } from './html.ts'
import * as samples from './samples.ts'

const links = (html: string) => tags(html, 'a').map((attributes) => attributes.get('href'))

describe('every page', () => {
  for (const [name, make] of samples.everyPage) {
    const html = make()

    it(`"${name}" is an English HTML document with a title, a main part and one heading to begin with`, () => {
      expect(html.startsWith('<!doctype html>\n<html lang="en">')).to.equal(true)
      expect(texts(html, 'title')).to.have.length(1)
      expect(texts(html, 'title')[0]).to.match(/^\S.* · homerealm$/)
      expect(tags(html, 'main')).to.have.length(1)
      expect(texts(html, 'h1')).to.have.length(['send', 'answer'].includes(name) ? 2 : 1)
      expect(html).not.to.match(/undefined|\[object/)
    })

    it(`"${name}" has no script, style or handler of its own, and loads only our assets`, () => {
      expect(html).not.to.match(/<style|\sstyle=|<[^>]*\son[a-z]+=/)
      for (const [, attributes, inner] of html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
        expect(attributes).to.match(/^ src="\/assets\/[a-z]+\.js\?v=[\w-]+" defer$/)
        expect(inner).to.equal('')
      }
      const loaded = [
        ...tags(html, 'script').map((tag) => tag.get('src')),
        ...tags(html, 'link').map((tag) => tag.get('href')),
      ]
      const known = [...assets.values()].map(({ url }) => url)
      expect(known).to.include.members(loaded)
      expect(html).not.to.match(/<(img|iframe|object|embed|audio|video|source|base)\b/)
    })

    it(`"${name}" links only to this server`, () => {
      for (const href of links(html)) expect(href).to.match(/^\/(?!\/)/)
    })

    it(`"${name}" moves the focus nowhere but into the first field of its form`, () => {
      const focused = [...html.matchAll(/<(\w+)[^>]*\sautofocus/g)].map(([, tag]) => tag)
      expect(focused).to.deep.equal(
        /^(email|password|second-factor|device-code|new-password)/.test(name) ? ['input'] : [],
      )
    })
  }
})
