"""Which trackers a command line names, for those commands that need no file."""

from __future__ import annotations

from dataclasses import dataclass

from trackersync.cli import pasted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says.

    Attributes:
        repositories: ``OWNER/NAME``, or addresses of their pages.
        github_url: the API, where it is another than github.com's.
        jira: the address of a Jira, or of any of its pages.
        projects: keys of projects.
        email: the account at Jira Cloud.
        user: the account at Data Center, whose password the token is.
        delivery: the process.
        anonymous: read without a credential.
        public: read without one what is public, where none is found.
    """

    repositories: tuple[str, ...] = ()
    github_url: str | None = None
    jira: str | None = None
    projects: tuple[str, ...] = ()
    email: str | None = None
    user: str | None = None
    delivery: str | None = None
    anonymous: bool = False
    public: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """The same again, for a command that is to be pasted."""
        site = pasted.jira(self.jira) if self.jira is not None else None
        projects = self.projects or ((site.project,) if site is not None else ())
        named = (
            ("--github-url", self.github_url),
            ("--jira", site.url if site is not None else None),
            *(("--project", key) for key in projects),
            ("--email", self.email),
            ("--user", self.user),
            ("--delivery", self.delivery),
        )
        return (*self.repositories, *(word for option, value in named if value for word in (option, value)))
