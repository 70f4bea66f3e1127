import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const place = /(<!-- program: (apps\/[\w-]+\.\w+) -->\n)[\s\S]*?(<!-- \/program -->)/g

/** The text of docs/apps.md with every program between its markers as its file has it (`npm run docs`). */
export function withPrograms(markdown: string): string {
  return markdown.replace(place, (_all, start: string, file: string, end: string) => {
    const language = file.slice(file.lastIndexOf('.') + 1)
    return `${start}\`\`\`${language}\n${readFileSync(docs + file, 'utf8')}\`\`\`\n${end}`
  })
}

/** The files whose programs the text shows. */
export function shownPrograms(markdown: string): readonly string[] {
  return [...markdown.matchAll(place)].map(([, , file = '']) => file)
}
