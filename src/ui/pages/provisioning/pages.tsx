/** The pages of distros, profiles and management classes: one list and one form, told what they are about. */
import { Anchor, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { get } from '../../api.ts'
import { useMay } from '../../session.tsx'
import { DISTROS, MGMT_CLASSES, PROFILES } from './fields.ts'
import { ImportDialog } from './import-dialog.tsx'
import { ItemList } from './item-list.tsx'
import { ItemPage } from './item-page.tsx'

export function DistrosPage() {
  const [isImporting, setImporting] = useState(false)
  const may = useMay('admin')
  return (
    <>
      <ItemList
        kind={DISTROS}
        teaching="Import one: the netboot tree of an installer on the server becomes a distro and a profile, with the checksums of its files."
        actions={
          <Button onClick={() => setImporting(true)} disabled={!may}>
            Import
          </Button>
        }
      />
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
    </>
  )
}

export function ProfilesPage() {
  const machines = useQuery({
    queryKey: ['machines'],
    queryFn: ({ signal }) => get<{ readonly profile: string }[]>('/api/machines', signal),
  })
  const counts = Map.groupBy(machines.data ?? [], ({ profile }) => profile)
  return (
    <ItemList
      kind={PROFILES}
      teaching="Import a distribution, and its profile comes with it; a profile with a parent is a special case of another."
      uses={{
        title: 'Machines',
        of: (name) => {
          const count = counts.get(name)?.length ?? 0
          const query = encodeURIComponent(`profile:${name}`)
          return count === 0 ? (
            '0'
          ) : (
            <Anchor component={Link} to={`/machines?q=${query}`}>
              {count}
            </Anchor>
          )
        },
      }}
    />
  )
}

export function ClassesPage() {
  return (
    <ItemList
      kind={MGMT_CLASSES}
      teaching="Machines may have classes that were never made here; one that is made here can have parameters and a comment."
    />
  )
}

export const DistroPage = () => <ItemPage kind={DISTROS} />
export const ProfilePage = () => <ItemPage kind={PROFILES} />
export const ClassPage = () => <ItemPage kind={MGMT_CLASSES} />
