/** The WebDAV store, folder by folder: look, download, upload with a picture of how far it is, make folders, move, remove. */
import {
  Anchor,
  Breadcrumbs,
  Button,
  FileButton,
  Group,
  Progress,
  Skeleton,
  Table,
  Text,
  TextInput,
} from '@mantine/core'
import { IconFile, IconFolder } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { call, get, sentenceOf } from '../api.ts'
import { Ago } from '../parts/ago.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Empty } from '../parts/empty.tsx'
import { PageFrame } from '../parts/page-frame.tsx'
import { Problem } from '../parts/problem.tsx'
import { ScrollRegion } from '../parts/scroll-region.tsx'
import { bytesOf } from '../parts/sizes.ts'
import { TableHead } from '../parts/table-head.tsx'
import { usePut } from '../parts/upload.ts'
import { useMay } from '../session.tsx'

interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder'
  readonly bytes: number
  readonly mtime: number
}

type Asking = { readonly what: 'remove' | 'move'; readonly entry: Entry } | { readonly what: 'folder' } | undefined

const urlOf = (path: string) => `/api/store/${path.split('/').map(encodeURIComponent).join('/')}`

export function StorePage() {
  const may = useMay('operator')
  const [search] = useSearchParams()
  const path = search.get('path') ?? ''
  const folder = useQuery({
    queryKey: ['store', path],
    queryFn: ({ signal }) => get<{ entries: Entry[] }>(urlOf(path), signal),
  })
  const [asking, setAsking] = useState<Asking>()
  const put = usePut(() => void folder.refetch())
  const within = (name: string) => (path === '' ? name : `${path}/${name}`)
  const entries = [...(folder.data?.entries ?? [])].sort(
    (one, other) => one.kind.localeCompare(other.kind) * -1 || one.name.localeCompare(other.name),
  )
  return (
    <PageFrame
      title="Store"
      lead="Files that machines and orchestrators keep here, also at /webdav. An installer's tree that is put here can be imported as store:FOLDER."
      actions={
        <>
          <FileButton multiple onChange={(files) => put.start(files.map((file) => [urlOf(within(file.name)), file]))}>
            {(props) => (
              <Button {...props} disabled={!may}>
                Upload
              </Button>
            )}
          </FileButton>
          <Button variant="default" disabled={!may} onClick={() => setAsking({ what: 'folder' })}>
            New folder
          </Button>
        </>
      }
    >
      <Breadcrumbs component="nav" aria-label="Folder">
        <Anchor component={Link} to="/store" size="sm">
          store
        </Anchor>
        {path
          .split('/')
          .filter((part) => part !== '')
          .map((part, index, all) => (
            <Anchor
              key={all.slice(0, index + 1).join('/')}
              component={Link}
              to={`/store?path=${encodeURIComponent(all.slice(0, index + 1).join('/'))}`}
              size="sm"
            >
              {part}
            </Anchor>
          ))}
      </Breadcrumbs>
      {put.error !== undefined && <Problem sentence={put.error} />}
      {put.percent !== undefined && (
        <Progress.Root size="lg">
          <Progress.Section value={put.percent} animated aria-label={`Upload of ${put.name}`} />
        </Progress.Root>
      )}
      {folder.error && <Problem sentence={sentenceOf(folder.error)} retry={() => void folder.refetch()} />}
      {folder.isPending && <Skeleton height={120} />}
      {folder.isSuccess && entries.length === 0 && (
        <Empty title="This folder is empty">Upload files, or write to it with any WebDAV client at /webdav.</Empty>
      )}
      {entries.length > 0 && (
        <ScrollRegion label="Files and folders">
          <Table verticalSpacing={6} highlightOnHover>
            <TableHead columns={['Name', 'Size', 'Changed']} withActions />
            <Table.Tbody>
              {entries.map((entry) => (
                <Table.Tr key={entry.name}>
                  <Table.Td>
                    <Group gap={8} wrap="nowrap">
                      {entry.kind === 'folder' ? (
                        <IconFolder size={17} aria-hidden />
                      ) : (
                        <IconFile size={17} aria-hidden />
                      )}
                      {entry.kind === 'folder' ? (
                        <Anchor component={Link} to={`/store?path=${encodeURIComponent(within(entry.name))}`}>
                          {entry.name}
                        </Anchor>
                      ) : (
                        <Anchor href={urlOf(within(entry.name))} download={entry.name}>
                          {entry.name}
                        </Anchor>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td className="nowrap">{entry.kind === 'file' ? bytesOf(entry.bytes) : ''}</Table.Td>
                  <Table.Td className="nowrap">
                    <Ago at={entry.mtime} />
                  </Table.Td>
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        disabled={!may}
                        onClick={() => setAsking({ what: 'move', entry })}
                      >
                        Move<span className="for-ears"> {entry.name}</span>
                      </Button>
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        color="red"
                        disabled={!may}
                        onClick={() => setAsking({ what: 'remove', entry })}
                      >
                        Remove<span className="for-ears"> {entry.name}</span>
                      </Button>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {asking?.what === 'remove' && (
        <Confirm
          title={`Remove ${asking.entry.name}?`}
          action={`Remove ${asking.entry.name}`}
          isDestructive
          {...(asking.entry.kind === 'folder' && { typed: asking.entry.name })}
          same={{
            cli: `curl -X DELETE -H "Authorization: Bearer $TOKEN" ${location.origin}${urlOf(within(asking.entry.name))}`,
            api: `DELETE ${urlOf(within(asking.entry.name))}`,
          }}
          run={async () => {
            await call('DELETE', urlOf(within(asking.entry.name)))
            await folder.refetch()
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text>
            {asking.entry.kind === 'folder' ? 'With all that is in it.' : 'Nobody keeps another copy of it here.'}
          </Text>
        </Confirm>
      )}
      {asking?.what === 'folder' && (
        <NameDialog
          title="New folder"
          label="Name"
          initial=""
          api={(name) => [urlOf(within(name)), { action: 'folder' }]}
          onDone={() => void folder.refetch()}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking?.what === 'move' && (
        <NameDialog
          title={`Move ${asking.entry.name}`}
          label="To (a path in the store)"
          initial={within(asking.entry.name)}
          api={(to) => [urlOf(within(asking.entry.name)), { action: 'move', to }]}
          onDone={() => void folder.refetch()}
          onClose={() => setAsking(undefined)}
        />
      )}
    </PageFrame>
  )
}

interface NameDialogProps {
  readonly title: string
  readonly label: string
  readonly initial: string
  readonly api: (name: string) => readonly [url: string, body: object]
  readonly onDone: () => void
  readonly onClose: () => void
}

function NameDialog({ title, label, initial, api, onDone, onClose }: NameDialogProps) {
  const [name, setName] = useState(initial)
  const [url, body] = api(name)
  return (
    <Confirm
      title={title}
      action={title}
      same={{
        cli: `curl -H "Authorization: Bearer $TOKEN" ${location.origin}${url} --json '${JSON.stringify(body)}'`,
        api: `POST ${url} ${JSON.stringify(body)}`,
      }}
      run={async () => {
        await call('POST', url, { body })
        onDone()
      }}
      onClose={onClose}
    >
      <TextInput
        label={label}
        data-autofocus
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </Confirm>
  )
}
