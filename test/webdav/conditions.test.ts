import { describe, expect, test } from 'vitest'
import { judge, rangeOf } from '../../src/webdav/conditions.ts'

const state = { etag: '"a"', mtime: 1_700_000_000_500 }
const [date, before, after] = [0, -1, 1].map((seconds) => new Date(1_700_000_000_000 + seconds * 1000).toUTCString())

describe('a condition', () => {
  test.each([
    ['GET', {}, 'go on'],
    ['GET', { 'if-none-match': '"a"' }, 304],
    ['GET', { 'if-none-match': 'W/"a"' }, 304],
    ['HEAD', { 'if-none-match': '"x", "a"' }, 304],
    ['GET', { 'if-none-match': '"x"' }, 'go on'],
    ['PUT', { 'if-none-match': '*' }, 412],
    ['PUT', { 'if-none-match': '"x"' }, 'go on'],
    ['PUT', { 'if-match': '"a"' }, 'go on'],
    ['PUT', { 'if-match': 'W/"a"' }, 412],
    ['PUT', { 'if-match': '"x"' }, 412],
    ['PUT', { 'if-match': '*' }, 'go on'],
    ['GET', { 'if-modified-since': date }, 304],
    ['GET', { 'if-modified-since': before }, 'go on'],
    ['GET', { 'if-modified-since': 'nonsense' }, 'go on'],
    ['GET', { 'if-none-match': '"x"', 'if-modified-since': after }, 'go on'],
    ['PUT', { 'if-modified-since': date }, 'go on'],
    ['PUT', { 'if-unmodified-since': before }, 412],
    ['PUT', { 'if-unmodified-since': date }, 'go on'],
    ['PUT', { 'if-match': '"a"', 'if-unmodified-since': before }, 'go on'],
  ])('%s with %j: %s', (method, headers, wanted) => {
    expect(judge(method, headers, state)).toBe(wanted)
  })

  test.each([
    ['PUT', { 'if-match': '*' }, 412],
    ['PUT', { 'if-none-match': '*' }, 'go on'],
    ['PUT', { 'if-unmodified-since': before }, 'go on'],
  ])('%s with %j on what is not there: %s', (method, headers, wanted) => {
    expect(judge(method, headers, undefined)).toBe(wanted)
  })
})

describe('a range', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=8-100', { start: 8, end: 9 }],
    ['bytes=10-', 'none of it'],
    ['bytes=-0', 'none of it'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
    ['bytes=-', undefined],
  ])('%s of ten bytes', (range, wanted) => {
    expect(rangeOf({ range }, state, 10)).toEqual(wanted)
  })

  test.each([
    ['"a"', true],
    ['"x"', false],
    ['W/"a"', false],
    [date, true],
    [after, false],
    ['nonsense', false],
  ])('counts with If-Range %s: %s', (ifRange, counts) => {
    expect(rangeOf({ range: 'bytes=0-0', 'if-range': ifRange }, state, 10) !== undefined).toBe(counts)
  })
})
