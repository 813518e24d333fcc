/** What a folder looks like to a person with a browser: names, sizes, dates. No script and no style. Pure. */
import { hrefOf, nameOf, parentOf } from './path.ts'
import type { Node } from './tree.ts'
import { escapeXml } from './xml.ts'

export function indexPage(path: string, nodes: readonly Node[]): string {
  const title = escapeXml(`/${path}`)
  const up = path === '' ? '' : row(hrefOf(parentOf(path), true), '..', '', '')
  const rows = nodes.map(({ path: inside, kind, size, mtime }) => {
    const isFolder = kind === 'folder'
    const date = new Date(mtime).toISOString().slice(0, 16).replace('T', ' ')
    return row(hrefOf(inside, isFolder), nameOf(inside) + (isFolder ? '/' : ''), isFolder ? '' : String(size), date)
  })
  return [
    '<!DOCTYPE html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>`,
    `<body><h1>${title}</h1>`,
    '<table><tr><th>Name</th><th>Bytes</th><th>Changed (UTC)</th></tr>',
    `${up}${rows.join('')}</table></body></html>\n`,
  ].join('\n')
}

function row(href: string, name: string, size: string, date: string): string {
  const link = `<a href="${escapeXml(href)}">${escapeXml(name)}</a>`
  return `<tr><td>${link}</td><td align="right">${size}</td><td>${date}</td></tr>\n`
}
